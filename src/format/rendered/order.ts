export const windowFunctions = ['linear', 'linear-exact', 'sigmoid'] as const;

/** How the values of a picture become greys (PS3.3 C.11.2.1). */
export interface Window {
  readonly center: number;
  readonly width: number;
  readonly function: (typeof windowFunctions)[number];
}

/** What is asked of a rendered picture (PS3.18 8.3.5). */
export interface PictureOrder {
  readonly format: 'png' | 'jpeg';
  /** JPEG quality, 1 to 100. */
  readonly quality?: number;
  readonly window?: Window;
  readonly viewport?: Viewport;
}

/** Largest picture in pixels, and the part of the frame that it shows. Negative width or height turns it round. */
export interface Viewport {
  readonly width: number;
  readonly height: number;
  readonly source?: {
    readonly x: number;
    readonly y: number;
    readonly width?: number;
    readonly height?: number;
  };
}
