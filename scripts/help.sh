# Sourced by the scripts beside it: -h and --help print the comment at their beginning.
case ${1-} in
  -h | --help)
    awk 'NR > 1 && !/^#/ { exit } NR > 1 { sub(/^# ?/, ""); print }' "$0"
    exit 0 ;;
esac
