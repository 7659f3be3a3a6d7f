// Command conformance plays a file of scenarios and reports in TAP: go run ./conformance SCENARIOS.
//
// The environment names the server: ATHENA_SERVER, ATHENA_TOKEN, and ATHENA_BREAKING_SERVER for one whose connections
// break. The exit code is 0 if all went as the scenarios say, else 1.
package main

import (
	"cmp"
	"fmt"
	"os"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./conformance SCENARIOS")
		os.Exit(2)
	}
	scenarios, err := readScenarios(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	fmt.Printf("TAP version 14\n1..%d\n", len(scenarios))
	failed := false
	for index, scenario := range scenarios {
		title := fmt.Sprintf("%d - %s", index+1, scenario.Name)
		if err := play(scenario); err != nil {
			failed = true
			fmt.Printf("not ok %s\n# %s\n", title, strings.ReplaceAll(err.Error(), "\n", `\n`))
		} else {
			fmt.Printf("ok %s\n", title)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func play(scenario scenario) error {
	player := newPlayer(
		cmp.Or(os.Getenv("ATHENA_SERVER"), "127.0.0.1:7070"),
		os.Getenv("ATHENA_BREAKING_SERVER"),
		os.Getenv("ATHENA_TOKEN"),
	)
	defer player.close()
	return player.play(scenario.Steps)
}
