// until - waiting with an upper bound. Bounds only end a test that would otherwise hang; nothing is
// measured with them.

export const PATIENCE_MS = 20_000;

export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The promise's outcome, or an error that says what did not happen in time. */
export function within(promise, what, ms = PATIENCE_MS) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Asks again and again; resolves with the first answer that is not false, null or undefined. */
export async function until(question, what, ms = PATIENCE_MS) {
  const end = Date.now() + ms;
  for (;;) {
    const answer = await question();
    if (answer !== false && answer !== null && answer !== undefined) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await pause(20);
  }
}
