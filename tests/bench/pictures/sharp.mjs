// The work of `picture::optimize` in sharp: `sharp.mjs usual|cascade FILE` prints a line of JSON.
//
// `usual` is what its manual shows: each file is made from the original. `cascade` decodes once and
// makes each size from the one before. Like the Rust program, it measures the first and only run
// of a process, without starting up and without reading the file.
import { readFileSync } from 'node:fs';
import sharp from 'sharp';

const [way, path] = process.argv.slice(2);
const input = readFileSync(path);
const widths = [1600, 800, 320];
const white = '#ffffff';

const webp = (image) => image.webp({ quality: 80, effort: 4 }).toBuffer();
const jpeg = (image) => image.flatten({ background: white }).jpeg({ quality: 80 }).toBuffer();

const ways = {
  async usual() {
    const files = [];
    for (const width of widths) {
      const sized = () => sharp(input).autoOrient().resize({ width, withoutEnlargement: true });
      files.push([width, 'webp', await webp(sized())], [width, 'jpg', await jpeg(sized())]);
    }
    return files;
  },

  async cascade() {
    const files = [];
    let source = sharp(input).autoOrient();
    for (const width of widths) {
      const { data, info } = await source
        .resize({ width, withoutEnlargement: true })
        .raw()
        .toBuffer({ resolveWithObject: true });
      const raw = { width: info.width, height: info.height, channels: info.channels };
      source = sharp(data, { raw });
      files.push([width, 'webp', await webp(source.clone())], [width, 'jpg', await jpeg(source.clone())]);
    }
    return files;
  },
};

sharp.cache(false);
const wall = process.hrtime.bigint();
const cpu = process.cpuUsage();
const files = await ways[way]();
const spent = process.cpuUsage(cpu);
const passed = process.hrtime.bigint() - wall;

const peak = /VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1];
console.log(
  JSON.stringify({
    cpu_ms: (spent.user + spent.system) / 1e3,
    wall_ms: Number(passed) / 1e6,
    peak_mb: peak / 1024,
    files: files.map(([width, kind, bytes]) => `${width}${kind}: ${bytes.length}`),
  }),
);
