/**
 * Flags of Node under which a worker is run: the image, `npm run worker` and the local runtime name the same ones. V8
 * would let the heap of a busy worker grow to several times of what is alive in it, and never give it back while
 * nothing happens (`bench/worker-memory.ts` measures both).
 */
export const NODE_FLAGS = ['--max-semi-space-size=8', '--heap-growing-percent=50'] as const;
