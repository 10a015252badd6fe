/** Takes the place of pngjs, which only `qrcode`'s own pictures need: ours are drawn from its modules (`shared/sessions/qr/`). */
export class PNG {
  constructor() {
    throw new Error('qrcode’s own pictures are not part of Lambda bundles');
  }
}
