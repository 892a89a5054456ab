package main

import (
	"bufio"
	"fmt"
	"os"
)

// Runs the program once for each line that it is given, and says when it has ended.
func init() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		main()
		fmt.Println("ended")
	}
	os.Exit(0)
}
