create=1 not_directory=EEXIST
walk "$path" 1
if [ ! -d "./$leaf" ]; then
  [ ! -e "./$leaf" ] || fail EEXIST
  make_directory ${mode:+-m "$mode"} "./$leaf"
fi
answer
