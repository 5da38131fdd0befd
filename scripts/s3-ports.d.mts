/** A port that is free together with its neighbour and with the pair 20000 above. */
export function freePorts(): Promise<number>;
