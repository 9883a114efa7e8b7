const newKeys = 21;
const tagLength = 16;

/**
 * Where the packets of an SSH connection end, as offsets into one direction of it. Their lengths can be read on the way only
 * because `aes128-gcm@openssh.com` leaves them in the clear: for another cipher this throws.
 */
export function packetBorders(transcript: Uint8Array): number[] {
  const bytes = Buffer.from(transcript.buffer, transcript.byteOffset, transcript.byteLength);
  const borders = [bytes.indexOf("\n") + 1];
  let isSealed = false;
  for (let offset = borders[0] ?? 0; offset < bytes.byteLength;) {
    if (offset + 6 > bytes.byteLength) break;
    const length = bytes.readUInt32BE(offset);
    if (length > 40_000) throw new Error(`No packet at ${offset}: the cipher hides lengths`);
    const isNewKeys: boolean = !isSealed && bytes[offset + 5] === newKeys;
    offset += 4 + length + (isSealed ? tagLength : 0);
    if (offset <= bytes.byteLength) borders.push(offset);
    isSealed ||= isNewKeys;
  }
  return borders;
}
