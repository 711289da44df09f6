/** Repeats `check` until it stops throwing or `withinMs` is over, and returns its value or throws its last error. */
export async function eventually<T>(check: () => Promise<T> | T, withinMs = 30_000, everyMs = 100): Promise<T> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, everyMs));
    }
  }
}
