# All entries at once: `find` names them, and one `stat` describes thousands. The positional parameters prune.
walk "$path" 1
enter_leaf
[ -r . ] || fail EACCES
answer
find . -mindepth 1 ${depth:+-maxdepth "$depth"} "$@" -exec stat "$stat_option" "$format" {} + 2>/dev/null
exit 0
