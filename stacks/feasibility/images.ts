/** Images that MAAS lacks or is still fetching, and what this MAAS is too old for. */
import type { Finding, Rule } from "./finding.ts";

export const missingImages: Rule = (config, survey) => {
  const wanted = `ubuntu/${config.series}`;
  const there = survey.images.filter((image) => image.name === wanted);
  if (!config.deploy || there.length > 0 || config.region.images.includes(config.series)) return [];
  const all = [...new Set(survey.images.map((image) => image.name.replace("ubuntu/", "")))].sort().join(", ");
  return [
    {
      where: "series",
      seen: `MAAS has no image of ${config.series}; it has ${all === "" ? "none at all" : all}`,
      remedy: `write \`images: [${config.series}]\` to have it fetched, or one of those`,
    },
  ];
};

/** MAAS lists an image as soon as it has begun to fetch it. */
export const unsyncedImages: Rule = (config, survey) => {
  const wanted = survey.images.filter((image) => image.name === `ubuntu/${config.series}`);
  if (!config.deploy || wanted.length === 0 || wanted.some((image) => image.complete)) return [];
  if (config.region.images.includes(config.series)) return [];
  return [
    {
      where: "series",
      seen: `the image of ${config.series} is not synchronised yet${survey.importing ? ", MAAS is fetching it" : ""}`,
      remedy: survey.importing
        ? `wait, or write \`images: [${config.series}]\`: then \`up\` waits for it`
        : `write \`images: [${config.series}]\` to have it fetched`,
    },
  ];
};

/** Before 3.5.5 a deployment with an OVS bridge could hang (facts: maas.md 4, 11). */
export const tooOldForBridges: Rule = (config, survey) => {
  if (config.network?.bridge === undefined || atLeast(survey.version, [3, 5, 5])) return [];
  return [
    {
      where: "bridge",
      seen: `OVS bridges need MAAS 3.5.5 or newer; this is ${survey.version}`,
      remedy: "upgrade MAAS (sudo snap refresh maas --channel=3.5/stable), or take `bridge` out",
    },
  ];
};

/** LP 2109864, facts: maas.md 11. */
export const tooOldForBmcs: Rule = (config, survey): Finding[] =>
  atLeast(survey.version, [3, 5, 6]) || !config.machines.some(({ power }) => power?.type === "amt")
    ? []
    : [
        {
          where: "machines",
          seen: `MAAS ${survey.version} sometimes finds no rack that reaches a BMC; 3.5.6 does`,
          remedy: "upgrade MAAS (sudo snap refresh maas --channel=3.5/stable)",
          warning: true,
        },
      ];

function atLeast(version: string, wanted: readonly number[]): boolean {
  const parts = /^(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(version)
    ?.slice(1)
    .map((part) => Number(part || 0));
  if (parts === undefined) return true;
  const index = wanted.findIndex((part, i) => parts[i] !== part);
  return index < 0 || (parts[index] ?? 0) > (wanted[index] ?? 0);
}
