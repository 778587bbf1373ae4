/** Where Madang is, and who can be tried out: config.json. */
export interface Config {
  /** Empty where the API is beside the page. */
  api: string;
  live: string;
  /** People to sign in as with one tap. */
  demo?: { nickname: string; email: string; password: string }[];
  /** Where mails lie that nobody sends: the laptop's. */
  mail?: string;
}

const LAPTOP: Partial<Config> = {
  mail: "/_local/mail",
  demo: [
    { nickname: "민지", email: "minji@example.com", password: "madang-2026!" },
    { nickname: "준호", email: "junho@example.com", password: "madang-2026!" },
    { nickname: "하루", email: "haru@example.com", password: "madang-2026!" },
  ],
};

/** Reads config.json. The laptop cloud is known by its address, this machine's own, and by the API being beside the page. */
export async function configured(): Promise<Config> {
  const reply = await fetch("config.json");
  if (!reply.ok) throw new Error(`config.json: HTTP ${reply.status}`);
  const config = (await reply.json()) as Config;
  const laptop = config.api === "" && ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  return laptop ? { ...LAPTOP, ...config } : config;
}
