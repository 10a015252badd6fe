import { setImmediate } from 'node:timers/promises';
import { drawDataUrl } from '../../../shared/sessions/qr/draw-qr.ts';

const WARM_ROUNDS = 8;
/** As long as WhatsApp's. */
const SAMPLE = 'https://wa.me/settings/linked_devices#'.padEnd(240, 'qr-');

/**
 * Draws a few for nobody, between other work: in a new process the first takes 80 ms, most of it compilation,
 * and somebody would be waiting for it.
 */
export async function warmDrawing(): Promise<void> {
  for (let round = 0; round < WARM_ROUNDS; round += 1) {
    drawDataUrl(`${SAMPLE}${round}`);
    await setImmediate();
  }
}
