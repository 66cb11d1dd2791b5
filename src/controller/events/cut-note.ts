/** The most that the note of an Event may take, in bytes of UTF-8. */
const NOTE_LENGTH = 1_024;

const ELLIPSIS = '...';

/** The note, or as much of it as an Event may have and an ellipsis. No character is cut in two. */
export function cutNote(note: string): string {
  // a character takes three bytes of UTF-8 for each of UTF-16 at most
  if (note.length * 3 <= NOTE_LENGTH || Buffer.byteLength(note) <= NOTE_LENGTH) return note;
  let room = NOTE_LENGTH - ELLIPSIS.length;
  let end = 0;
  for (const character of note) {
    room -= Buffer.byteLength(character);
    if (room < 0) break;
    end += character.length;
  }
  return note.slice(0, end) + ELLIPSIS;
}
