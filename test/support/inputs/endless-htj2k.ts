/**
 * An HT-JPEG-2000 stream of 12 × 40 samples of 16 bits with damaged bytes, on which the decoder of dcmjs-codecs (OpenJPH
 * 0.18.2) never ends. The property of the codecs found it.
 */
export const endlessHtj2k = Buffer.from(
  [
    '/0//UQApQAAAAAAoAAAADAAAAAAAAAAAAAAAKAAAAAwAAAAAAAAAAwABDwEB/1AACAACAAAACf9SAAwAAAABAAEEBEAB/1wAByCI',
    'iIiI/2QAFwABT3BlbkpQSCBWZXIgMC4xOC4yLv9VABAAYAAAAAABHAAAAAAAVP+QAAoAAAAAARwAAv+TwAAv0JD/f9/oa/9L0Nf+',
    '2/OQf+T82n80b/T3y4f8s/L8fpr8tf8hXtavjm/0F+PR/KD4If8evIffCp/fj8FT9xnwr/3zu2Jf+F7W77zx9Ojub/RTdyV6QXcJ',
    'vcsNQMdxb88n3LZz93bkPLnNNidtH83/WkXmWu1+eU0bWw7RnpWvsx3lxuw0eSibSM7H/pBfsfXjMuzqeAOLNUa+/kZ7ieui54gr',
    '0RRiOPR7eAmtHDZBl4YD0IBh7vNW+PZsE5Y8R4TbzuxgpPMxeOQsCvY394GzzVhgWvMM+NHsAFYzp/8LmYl/HKbNAHcr9ev16/Xr',
    '9Zf16/Xr9ev16/WXQgAxkIAMZCADGQgAxkIAMbcC/5AACgAAAAAAVAEC/5PAACtgABdkCIIgCPL8fAp6cIJ4AI7rOMc5znGOc5zj',
    'HOc4xznOcY5znOMc5zjHOe7/MGMB79mMB79mMB79mMB79mMB7LYB/9k=',
  ].join(''),
  'base64',
);
