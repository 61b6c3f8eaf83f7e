/** Where the words of a 64-bit integer lie on this host. Little-endian nearly everywhere; s390x is not. */
export const LOW_WORD: 0 | 1 = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 0 : 1;
export const HIGH_WORD: 0 | 1 = LOW_WORD === 0 ? 1 : 0;
