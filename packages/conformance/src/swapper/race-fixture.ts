import type { OutsideMarks } from "./outside-marks.js";
import { insideText } from "./outside-marks.js";
import { laneFiles, type RacePlace } from "./race-place.js";
import type { RaceVerb } from "./race-verb.js";

/**
 * A script that makes what a race needs, inside and outside alike, and nothing else: run it in the directory that holds
 * `workspace` and `outside`. Names are plain letters and digits, so none is quoted twice.
 */
export function fixtureScript(
  place: RacePlace,
  verb: RaceVerb,
  operations: number,
  marks: OutsideMarks,
): { readonly script: string; readonly args: readonly string[] } {
  const gateIsFile = place.shape === "file-link";
  const outsideGateIsFile = gateIsFile && verb.goesFor === "file";
  return {
    script: functions + body,
    args: [
      place.name,
      place.gate,
      place.around,
      marks.canary,
      marks.contents,
      gateIsFile ? "file" : "directory",
      outsideGateIsFile ? "file" : "directory",
      verb.stock === undefined ? "none" : `${verb.stock.at}-${verb.stock.kind}`,
      String(operations),
      place.shape,
      place.pair[1],
      place.link ?? "",
      octalOf(marks),
    ],
  };
}

/** The umask that gives what is outside its own modes: 0o640 and 0o751 differ from every usual one. */
function octalOf({ fileMode, directoryMode }: OutsideMarks): string {
  return (~(fileMode | directoryMode) & 0o777).toString(8).padStart(3, "0");
}

const functions = `set -e
# Makes what is in a directory that verbs go through: directory, text.
fill() {
  mkdir -p "$1/tree/inner"
  lane=0
  while [ $lane -lt ${laneFiles} ]; do printf %s "$2" > "$1/file-$lane"; lane=$((lane + 1)); done
  printf %s "$2" > "$1/tree/leaf"
  printf %s "$2" > "$1/tree/inner/leaf"
}
# Makes the gate, and what leads to it: directory of the race, kind, text.
gate() {
  mkdir -p "$1/$around"
  if [ "$2" = file ]; then printf %s "$3" > "$1/$gate"; else mkdir -p "$1/$gate"; fill "$1/$gate" "$3"; fi
}
# Makes the entries that operations use up: directory, kind, text.
stock() {
  [ -d "$1" ] || return 0
  entry=0
  while [ $entry -lt $count ]; do
    if [ "$2" = files ]; then
      printf %s "$3" > "$1/entry-$entry"
      entry=$((entry + 1))
    else
      set --  "$1" "$2" "$3"
      first=$entry
      while [ $entry -lt $count ] && [ $# -lt 100 ]; do set -- "$@" "$1/entry-$entry/inner"; entry=$((entry + 1)); done
      directory=$1 kind=$2 text=$3
      shift 3
      mkdir -p "$@"
      set -- "$directory" "$kind" "$text"
      while [ $first -lt $entry ]; do
        printf %s "$3" > "$1/entry-$first/leaf"
        printf %s "$3" > "$1/entry-$first/inner/leaf"
        first=$((first + 1))
      done
    fi
  done
}
`;

const body = `name=$1 gate=$2 around=$3 canary=$4 contents=$5 inside=$6 outside=$7 stock=$8 count=$9
shift 9
shape=$1 other=$2 link=$3 mask=$4
text='${insideText.trimEnd()}
'
umask 022
gate "workspace/$name" "$inside" "$text"
mkdir -p "workspace/$name/aside"
fill "workspace/$name/aside" "$text"
printf %s "$text" > "workspace/$name/aside/file"
case $stock in
  gate-*) stock "workspace/$name/$gate" "\${stock#*-}" "$text" ;;
  aside-*) stock "workspace/$name/aside" "\${stock#*-}" "$text" ;;
esac
case $shape in
  *-link) ln -s "$link" "$other" ;;
  directory-file) printf %s "$text" > "$other" ;;
esac
umask "$mask"
gate "outside/$name" "$outside" "$contents"
if [ "$outside" = directory ]; then
  printf %s "$contents" > "outside/$name/$gate/only-$canary"
  printf %s "$contents" > "outside/$name/$gate/tree/only-$canary"
fi
case $stock in gate-*) stock "outside/$name/$gate" "\${stock#*-}" "$contents" ;; esac
`;
