/** Starts what the shell does by itself, once Dash has drawn the page. */
import { openDataFile, startData } from "../data/dialog.mjs";
import { startRooms } from "../room/dialog.mjs";
import { startNotebook } from "../notebook/dialog.mjs";
import { startChanges } from "./changes.mjs";
import { startCompare } from "./compare.mjs";
import { startDials } from "./dials.mjs";
import { isRecording, startDropping } from "./dropping.mjs";
import { startGallery } from "./gallery.mjs";
import { startHeadline } from "./headline.mjs";
import { startHints } from "./hints.mjs";
import { element, IDS, rendered } from "./ids.mjs";
import { startKeyboard } from "./keyboard.mjs";
import { startLink } from "./link.mjs";
import { startMenus } from "./menus.mjs";
import { startNotices, tell } from "./notices.mjs";
import { startPresets } from "./presets.mjs";
import { startProjector } from "./projector.mjs";
import { openRecording, startRecordings } from "./recordings.mjs";
import { startSidebar } from "./sidebar.mjs";
import { startStopping } from "./stopping.mjs";
import { startStatus } from "./status.mjs";
import { startTheme } from "./theme.mjs";
import { startTimeline } from "./timeline.mjs";
import { startTransport } from "./transport.mjs";
import { lesson } from "../lesson/opening.mjs";
import { page } from "../page/page.mjs";

// Its text is there before all else.
const shownLesson = lesson && new (await import("../lesson/lesson.mjs")).Lesson(lesson);

await rendered(IDS.NOTICES);
startTheme();
startNotices();
startStatus();
startTransport();
startStopping();
startTimeline();
startChanges();
startDials();
startHints();
startSidebar();
startKeyboard();
startMenus();
startGallery();
startHeadline();
startPresets();
startLink();
startProjector();
startRecordings();
startCompare();
startNotebook();

/** Open what a person brings, by its content. @param {File} file */
async function openFile(file) {
  try {
    if (!(await isRecording(file))) return openDataFile(file);
  } catch {
    return tell("warning", `${file.name}: expected a file that can be read, got a folder or one that is gone.`);
  }
  /** @type {HTMLDialogElement} */ (element(IDS.DATA_DIALOG)).close();
  return openRecording(file);
}

startData(openFile);
startDropping(openFile);
shownLesson?.begin();
startRooms(shownLesson);
page.begin();
