package main

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Values of a scenario, as encoding/json knows them: names filled in, and expectations compared with what came.
// README.md beside the scenarios has the rules.

// fillIn puts the value of each kept name in the place of $name.
func fillIn(value any, names map[string]any) (any, error) {
	switch value := value.(type) {
	case map[string]any:
		filled := make(map[string]any, len(value))
		for key, entry := range value {
			var err error
			if filled[key], err = fillIn(entry, names); err != nil {
				return nil, err
			}
		}
		return filled, nil
	case []any:
		filled := make([]any, len(value))
		for index, entry := range value {
			var err error
			if filled[index], err = fillIn(entry, names); err != nil {
				return nil, err
			}
		}
		return filled, nil
	case string:
		name, isName := strings.CutPrefix(value, "$")
		if !isName {
			return value, nil
		}
		kept, ok := names[name]
		if !ok {
			return nil, fmt.Errorf("the scenario has kept nothing as %s", value)
		}
		return kept, nil
	default:
		return value, nil
	}
}

// lookUp gives what lies at a path such as procedure.etag.
func lookUp(path string, value any) (any, error) {
	found := value
	for key := range strings.SplitSeq(path, ".") {
		object, _ := found.(map[string]any)
		entry, ok := object[key]
		if !ok {
			return nil, fmt.Errorf("there is no %s to keep in %s", path, shown(value))
		}
		found = entry
	}
	return found, nil
}

// compare fails unless everything that is expected is there.
func compare(expected, actual any, path string) error {
	switch expected := expected.(type) {
	case map[string]any:
		for rule, operand := range expected {
			if strings.HasPrefix(rule, "$") && len(expected) == 1 {
				return compareBy(rule, operand, actual, path)
			}
		}
		object, ok := actual.(map[string]any)
		if !ok {
			return fmt.Errorf("%s: expected an object, got %s", path, shown(actual))
		}
		for key, entry := range expected {
			if err := compare(entry, object[key], path+"."+key); err != nil {
				return err
			}
		}
	case []any:
		entries, ok := actual.([]any)
		if (!ok && actual != nil) || len(entries) != len(expected) {
			return fmt.Errorf("%s: expected %d entries, got %s", path, len(expected), shown(actual))
		}
		for index, entry := range expected {
			if err := compare(entry, entries[index], fmt.Sprintf("%s[%d]", path, index)); err != nil {
				return err
			}
		}
	default:
		if !equal(expected, actual) {
			return fmt.Errorf("%s: expected %s, got %s", path, shown(expected), shown(actual))
		}
	}
	return nil
}

func compareBy(rule string, operand, actual any, path string) error {
	holds := false
	switch rule {
	case "$contains":
		holds = contains(operand, actual)
	case "$above":
		least, ok := operand.(float64)
		if !ok {
			return fmt.Errorf("%s: %s needs a number, not %s", path, rule, shown(operand))
		}
		number, ok := numberIn(actual)
		holds = ok && number > least
	case "$not":
		holds = compare(operand, actual, path) != nil
	default:
		return fmt.Errorf("%s: there is no rule %s", path, rule)
	}
	if !holds {
		return fmt.Errorf("%s: expected %s %s, got %s", path, rule, shown(operand), shown(actual))
	}
	return nil
}

func contains(operand, actual any) bool {
	if part, ok := operand.(string); ok {
		text, ok := actual.(string)
		return ok && strings.Contains(text, part)
	}
	entries, _ := actual.([]any)
	for _, entry := range entries {
		if compare(operand, entry, "") == nil {
			return true
		}
	}
	return false
}

func equal(expected, actual any) bool {
	if actual == nil { // JSON of Protobuf leaves defaults out.
		return expected == nil || expected == false || expected == 0.0 || expected == ""
	}
	if number, ok := expected.(float64); ok {
		if _, isText := actual.(string); isText { // So it writes numbers of 64 bits.
			other, ok := numberIn(actual)
			return ok && other == number
		}
	}
	return expected == actual
}

func numberIn(value any) (float64, bool) {
	switch value := value.(type) {
	case float64:
		return value, true
	case string:
		number, err := strconv.ParseFloat(value, 64)
		return number, err == nil
	default:
		return 0, false
	}
}

func shown(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
