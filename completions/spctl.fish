# spctl.fish - completion for fish.  spctl itself knows what can stand next: spctl help --complete.

function __spctl_complete
	set -l words (commandline -opc)
	set -l typed
	for word in $words[2..]
		set typed "$typed$word"\n
	end
	for line in (command $words[1] help --complete "$typed$(commandline -ct)" 2> /dev/null)
		if test "$line" = :file
			set -l option (string match -r '^--[^=]*=' -- (commandline -ct))
			for path in (__fish_complete_path (string replace -- "$option" '' (commandline -ct)))
				echo "$option$path"
			end
		else
			echo $line
		end
	end
end

complete -c spctl -f -a '(__spctl_complete)'
