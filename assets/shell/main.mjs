/** Starts what the shell does by itself, once Dash has drawn the page. */
import { startDials } from "./dials.mjs";
import { startGallery } from "./gallery.mjs";
import { startHints } from "./hints.mjs";
import { IDS, rendered } from "./ids.mjs";
import { startKeyboard } from "./keyboard.mjs";
import { startMenus } from "./menus.mjs";
import { startNotices } from "./notices.mjs";
import { startRecordings } from "./recordings.mjs";
import { startSession } from "./session.mjs";
import { startSidebar } from "./sidebar.mjs";
import { startStatus } from "./status.mjs";
import { startTheme } from "./theme.mjs";
import { startTimeline } from "./timeline.mjs";

await rendered(IDS.NOTICES);
startTheme();
startNotices();
startSession();
startStatus();
startTimeline();
startDials();
startHints();
startSidebar();
startKeyboard();
startMenus();
startGallery();
startRecordings();
