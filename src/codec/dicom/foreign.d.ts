/** The part of dcmjs that is used: its data dictionary (PS3.6), which ships without types. */
declare module 'dcmjs' {
  interface DictionaryEntry {
    readonly vr: string;
    /** '(gggg,eeee)'; with letters where a group repeats. */
    readonly tag: string;
  }
  const dcmjs: {
    readonly data: {
      readonly DicomMetaDictionary: {
        /** Keyed '(ggggeeee)' with a comma between group and element, upper-case hexadecimal. */
        readonly dictionary: Readonly<Record<string, DictionaryEntry | undefined>>;
        /** By keyword. */
        readonly nameMap: Readonly<Record<string, DictionaryEntry | undefined>>;
      };
    };
  };
  export default dcmjs;
}

/** CharLS compiled to WebAssembly; ships without types. */
declare module '@cornerstonejs/codec-charls/wasmjs' {
  export interface FrameInfo {
    readonly width: number;
    readonly height: number;
    readonly bitsPerSample: number;
    readonly componentCount: number;
  }
  interface JpegLsDecoder {
    /** Room in the module's memory for the stream; a view that the next growth of memory detaches. */
    getEncodedBuffer(length: number): Uint8Array;
    decode(): void;
    getDecodedBuffer(): Uint8Array;
    getFrameInfo(): FrameInfo;
    /** 0 by component, 1 by line, 2 by sample. */
    getInterleaveMode(): number;
    getNearLossless(): number;
    delete(): void;
  }
  interface JpegLsEncoder {
    getDecodedBuffer(frame: FrameInfo): Uint8Array;
    encode(): void;
    getEncodedBuffer(): Uint8Array;
    setNearLossless(error: number): void;
    setInterleaveMode(mode: number): void;
    delete(): void;
  }
  export interface CharLs {
    readonly JpegLSDecoder: new () => JpegLsDecoder;
    readonly JpegLSEncoder: new () => JpegLsEncoder;
  }
  export default function factory(options: Record<string, unknown>): Promise<CharLs>;
}
