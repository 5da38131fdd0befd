import net from 'node:net';

function isFree(port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** A port that is free together with its neighbour and with the pair 20000 above, where the cluster's monitor listens. */
export async function freePorts() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = 7500 + 10 * Math.floor(Math.random() * 300);
    const free = await Promise.all([0, 1, 20000, 20001].map((distance) => isFree(port + distance)));
    if (free.every(Boolean)) return port;
  }
  throw new Error('no free pair of ports for the S3 server');
}
