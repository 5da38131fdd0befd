import { expect, test } from 'vitest';
import { hasChromium, startChromium } from '../../browser-support/chromium.ts';

test.runIf(hasChromium())('Chromium keeps sixteen bits in textures without a graphics card', async () => {
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    const limits = await page.evaluate(() => {
      const gl = document.createElement('canvas').getContext('webgl2');
      if (gl === null) return undefined;
      gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
      const samples = Uint16Array.of(0, 1, 32_768, 65_535);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R16UI, 4, 1, 0, gl.RED_INTEGER, gl.UNSIGNED_SHORT, samples);
      return { error: gl.getError(), largest: gl.getParameter(gl.MAX_TEXTURE_SIZE) };
    });
    expect(limits?.error).toBe(0);
    // what WebGL2 promises at least
    expect(limits?.largest).toBeGreaterThanOrEqual(2048);
  } finally {
    await browser.close();
  }
});
