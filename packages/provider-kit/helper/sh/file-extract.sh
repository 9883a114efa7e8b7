# Our side reads the archive, takes out what leaves the directory and what is neither file, directory nor link, and sends an
# archive of its own. It must know first which links are here, as no name may go through one.
walk "$path" 1
enter_leaf
[ -w . ] && [ -x . ] || fail EACCES
answer
find . -type l -exec stat "$stat_option" "$name_format" {} + 2>/dev/null
printf '%s\n' "$nonce"
IFS= read -r go || exit 125
# BusyBox leaves out links with `..` unless told that somebody has looked at them.
export EXTRACT_UNSAFE_SYMLINKS=1
tar -x -o -p -f - 2>/dev/null || refuse
answer
