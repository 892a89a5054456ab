// The package ships no types; these are the two functions that are used.
declare module 'fs-native-extensions' {
  /** Takes the exclusive lock on an open file. False: another descriptor has it. */
  export function tryLock(fd: number): boolean;
}
