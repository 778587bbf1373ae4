// Serves the page against a Madang in memory: http and WebSocket, `node build/test/fake/serve.js [port]`.
// `POST /_fake/faults {"loseAnswer": 0.1, …}` sets how often what goes wrong.

import { createServer, type IncomingMessage } from "node:http";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { WebSocketServer } from "ws";
import { FakeMadang, type Faults } from "./madang.js";

const DIST = fileURLToPath(new URL("../../../../../web/dist/", import.meta.url));
const TYPES: Record<string, string> = {
  html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8", json: "application/json", svg: "image/svg+xml",
};
const port = Number(process.argv[2] ?? 4173);
const madang = new FakeMadang(() => Date.now());

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const server = createServer((request, response) => {
  void (async () => {
    const url = new URL(request.url ?? "/", "http://madang");
    const body = await bodyOf(request);
    const give = (status: number, type: string, bytes: string | Uint8Array) => void response.writeHead(status, { "content-type": type }).end(bytes);
    if (url.pathname === "/") return void response.writeHead(302, { location: "/try/" }).end();
    if (url.pathname.startsWith("/try/")) {
      const file = url.pathname.slice(5) || "index.html";
      try {
        if (!/^[\w.-]+$/.test(file)) throw new Error("no such file");
        return give(200, TYPES[file.split(".").at(-1) ?? ""] ?? "application/octet-stream", await readFile(DIST + file));
      } catch {
        return give(404, "text/plain", "not found");
      }
    }
    if (url.pathname === "/_fake/faults") {
      const shares = JSON.parse(body.toString()) as Record<keyof Faults, number>;
      madang.faults = Object.fromEntries(Object.entries(shares).map(([name, share]) => [name, () => Math.random() < share]));
      return give(204, "text/plain", "");
    }
    const [, , kind, name] = url.pathname.split("/");
    if (kind === "picture") return give(200, TYPES["svg"] as string, picture(String(name).replace(".svg", "")));
    if (kind === "media" && url.pathname.startsWith("/_fake/")) {
      if (request.method === "PUT") madang.putFile(String(name), body);
      const file = madang.file(String(name));
      return file ? give(200, file.type, file.bytes) : give(404, "text/plain", "not found");
    }
    const reply = madang.handle(request.method ?? "GET", request.url ?? "/", request.headers as Record<string, string>, body.toString());
    const text = reply.body === undefined ? "" : JSON.stringify(reply.body);
    response.writeHead(reply.status, { "content-type": reply.status < 400 ? "application/json" : "application/problem+json", ...reply.headers }).end(text);
  })().catch((error: unknown) => {
    console.error(error);
    response.writeHead(500).end();
  });
});

const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "madang.v1" });
server.on("upgrade", (request, socket, head) => {
  const token = new URL(request.url ?? "/", "http://madang").searchParams.get("token") ?? request.headers["sec-websocket-protocol"]?.split(",")[1]?.trim() ?? "";
  if (!madang.knows(token)) {
    socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    return;
  }
  sockets.handleUpgrade(request, socket, head, (line) => {
    const connection = madang.connect(token, (frame) => line.send(JSON.stringify(frame)), (code) => (code === 1006 ? line.terminate() : line.close(code)));
    line.on("message", (data) => connection && madang.frame(connection, String(data)));
    line.on("close", () => connection && madang.disconnect(connection));
  });
});
server.listen(port, "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/try/`));

/** A thing of some colour on a table, in evening light, like the laptop cloud's. */
function picture(colour: string): string {
  const fill = /^[0-9a-f]{6}$/.test(colour) ? `#${colour}` : "#888";
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 480 360"><defs><linearGradient id="l" x2=".3" y2="1"><stop stop-opacity="0"/><stop offset="1" stop-opacity=".5"/></linearGradient></defs><path fill="#ece2d0" d="M0 0h480v360H0z"/><path fill="#967050" d="M0 248h480v112H0z"/><ellipse cx="240" cy="190" rx="168" ry="84" fill="${fill}"/><path fill="url(#l)" d="M0 0h480v360H0z"/></svg>`;
}
