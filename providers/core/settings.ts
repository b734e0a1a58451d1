/**
 * Settings read when they are needed, never inputs of a resource: first the environment (always current), then the
 * stack's config (secret values arrive decrypted; `refresh` and `destroy` see those of the last `up`).
 *
 * The name `maasUrl` is METALFORM_MAAS_URL in the environment and `metalform:maasUrl` in config.
 */
export interface ConfigReader {
  get(key: string): string | undefined;
}

export class Settings {
  private readonly config: ConfigReader;
  private readonly environment: Record<string, string | undefined>;

  constructor(config: ConfigReader, environment: Record<string, string | undefined> = process.env) {
    this.config = config;
    this.environment = environment;
  }

  get(name: string): string | undefined {
    const value = this.environment[environmentName(name)] ?? this.config.get(name);
    return value === undefined || value === "" ? undefined : value;
  }

  /** How a person sets it, for messages. */
  howTo(name: string, secret = false): string {
    return `\`pulumi config set ${secret ? "--secret " : ""}${name} ...\` or ${environmentName(name)} in the environment`;
  }
}

export const environmentName = (name: string): string =>
  `METALFORM_${name
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .replace(/[^A-Za-z0-9]+/g, "_")
    .toUpperCase()}`;
