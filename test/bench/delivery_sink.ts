import { createServer } from "node:net";

// Takes every mail and keeps none, as fast as this program can.
const ends = Buffer.from("\r\n.\r\n");

createServer((socket) => {
  let inMail = false;
  let rest: Buffer = Buffer.alloc(0);
  socket.write("220 sink\r\n");
  socket.on("error", () => {});
  socket.on("data", (chunk: Buffer) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    for (;;) {
      if (inMail) {
        const end = rest.indexOf(ends);
        if (end < 0) {
          rest = rest.subarray(Math.max(0, rest.length - ends.length));
          return;
        }
        rest = rest.subarray(end + ends.length);
        inMail = false;
        socket.write("250 2.0.0 ok\r\n");
        continue;
      }
      const end = rest.indexOf("\r\n");
      if (end < 0) return;
      const verb = rest.toString("latin1", 0, Math.min(end, 4)).toUpperCase();
      rest = rest.subarray(end + 2);
      inMail = verb === "DATA";
      socket.write(
        inMail ? "354 go ahead\r\n" : verb === "EHLO" ? "250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n" : "250 ok\r\n",
      );
    }
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
