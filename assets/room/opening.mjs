/** The room that a page was opened for. */

/** @typedef {{name: string, locked: boolean, lesson: string}} RoomData its name, whether it has a password, and the lesson in it or "" */

const held = document.getElementById("room-data")?.textContent;
/** Null for a page of one's own. @type {RoomData|null} */
export const room = held ? JSON.parse(held) : null;
