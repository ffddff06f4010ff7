# spctl.bash - completion for bash.  spctl itself knows what can stand next: spctl help --complete.

_spctl() {
	local line word IFS=$'\n'
	COMPREPLY=()
	while read -r line; do
		word=${line%%$'\t'*}
		if [ "$word" = :file ]; then
			compopt -o filenames 2> /dev/null
			mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "${COMP_WORDS[COMP_CWORD]}")
		else
			printf -v word %q "$word"
			COMPREPLY+=("$word")
		fi
	done < <("${COMP_WORDS[0]/#\~/$HOME}" help --complete "${COMP_WORDS[*]:1:COMP_CWORD}" 2> /dev/null)
}

complete -F _spctl spctl
