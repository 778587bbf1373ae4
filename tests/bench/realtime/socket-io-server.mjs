// A Socket.IO server as small as it can be: rooms, and nothing is stored, counted, checked or signed.

import { createServer } from "node:http";
import { Server } from "socket.io";

const http = createServer();
const io = new Server(http, { transports: ["websocket"], perMessageDeflate: false });
io.on("connection", (socket) => {
  socket.on("open", (room, done) => {
    socket.join(room);
    done();
  });
  socket.on("send", (room, text, done) => {
    socket.to(room).emit("message", room, text);
    done();
  });
});
http.listen(0, "127.0.0.1", () => process.send(http.address().port));
