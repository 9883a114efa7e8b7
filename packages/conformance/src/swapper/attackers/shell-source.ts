/**
 * The same by `mv`, `ln` and `rm`, with the same arguments. Between the steps the name is missing, and each step looks
 * first: a verb may have made something there, and `mv` into a directory or through a link would go astray.
 */
export const shellSource = `
mode=$1 one=$2 other=$3 link=$4
hold=$other.mid
count=0 aside=0 stop=0
trap 'stop=1' TERM INT HUP
there() { [ -L "$1" ] || [ -e "$1" ]; }
away() {
  there "$hold" || mv "$one" "$hold" || return 1
  if [ -n "$link" ]; then
    there "$one" || ln -s "$link" "$one"
    [ -L "$one" ]
  elif [ "$mode" = exchange ]; then
    there "$one" || mv "$other" "$one"
  fi
}
back() {
  there "$hold" || return 0
  if [ -L "$one" ]; then rm -f "$one"
  elif [ "$mode" = exchange ] && [ -z "$link" ] && ! there "$other"; then mv "$one" "$other"
  elif there "$one"; then aside=$((aside + 1)); mv "$one" "$other.aside$aside"
  fi
  there "$one" || mv "$hold" "$one"
  # What was made in the moment before is a directory by now, and what was held went into it.
  if there "$one/\${hold##*/}"; then
    aside=$((aside + 1))
    mv "$one" "$other.aside$aside"
    mv "$other.aside$aside/\${hold##*/}" "$hold"
  fi
}
echo ready
while [ $stop = 0 ]; do
  away && count=$((count + 1)) && echo $count
  back
done
while there "$hold"; do back; done
echo $count
`;
