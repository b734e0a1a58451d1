/**
 * What image servers offer to the lab: a part of what images.maas.io has, with sizes of that order. A source whose host is in
 * 192.0.2.0/24 is one that does not answer, and offers nothing.
 */
import type { BootSource } from "./state.ts";

export interface Offer {
  os: string;
  release: string;
  arch: string;
  /** Each is a resource of its own: "ga-22.04". */
  kernels: string[];
  /** Bytes of one of them. */
  size: number;
}

/** Ubuntu series and their versions. */
export const versions = {
  bionic: "18.04",
  focal: "20.04",
  jammy: "22.04",
  noble: "24.04",
  plucky: "25.04",
  questing: "25.10",
} as const;

const arches = ["amd64", "arm64", "armhf", "i386", "ppc64el", "s390x"];
const megabyte = 1_000_000;

const offers: Offer[] = [
  ...Object.entries(versions).flatMap(([release, version]) =>
    arches.map((arch) => ({
      os: "ubuntu",
      release,
      arch,
      kernels: [`ga-${version}`, `hwe-${version}`],
      size: 480 * megabyte,
    })),
  ),
  ...["centos70", "8"].map((release) => ({
    os: "centos",
    release,
    arch: "amd64",
    kernels: ["generic"],
    size: 650 * megabyte,
  })),
];

export const offersOf = ({ url }: BootSource): Offer[] => (/^https?:\/\/192\.0\.2\./.test(url) ? [] : offers);
