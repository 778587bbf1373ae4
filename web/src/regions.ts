// The provinces and districts: asked for once.

import type { Api, DistrictOfProvince, Regions } from "@madang/client";
import { h } from "./dom.js";
import { named, say, spoken } from "./words.js";

/** docs/openapi.json has two schemas of the name Province, and gives the wrong one here. */
interface Province {
  id: string;
  nameKo: string;
  nameEn: string;
  districts: DistrictOfProvince[];
}

let asked: Promise<Regions> | null = null;

/** Puts the districts into a list to choose from; of each province also its whole, where `whole`. */
export async function fillRegions(api: Api, list: HTMLSelectElement, whole: boolean): Promise<void> {
  for (const province of await provincesOf(api)) {
    const group = h("optgroup");
    group.setAttribute("label", named(province));
    if (whole) group.append(h("option", { value: province.id }, say("allOf", { name: named(province) })));
    for (const district of province.districts) group.append(h("option", { value: district.id }, whole ? named(district) : fullName(province, district)));
    list.append(group);
  }
}

/** The provinces with their districts. */
export async function provincesOf(api: Api): Promise<Province[]> {
  asked ??= api.request("GET /regions");
  try {
    return (await asked).provinces;
  } catch (error) {
    asked = null;
    throw error;
  }
}

/** As one would write it in an address: 서울 강남구; Gangnam-gu, Seoul. */
function fullName(province: Province, district: DistrictOfProvince): string {
  return spoken() === "ko" ? `${province.nameKo} ${district.nameKo}` : `${district.nameEn}, ${province.nameEn}`;
}
