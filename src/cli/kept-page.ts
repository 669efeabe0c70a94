/** Removes the pages of a session that has ended. */
export async function removePages(_path: string): Promise<void> {}
