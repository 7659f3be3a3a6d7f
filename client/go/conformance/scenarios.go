package main

import (
	"encoding/json"
	"fmt"
	"os"

	"go.yaml.in/yaml/v4"
)

type scenario struct {
	Name  string `json:"name"`
	Steps []step `json:"steps"`
}

// step is one of a scenario: README.md beside the scenarios explains the fields.
type step struct {
	Remember        string              `json:"remember"`
	Code            string              `json:"code"`
	Procedure       map[string]any      `json:"procedure"`
	Call            string              `json:"call"`
	Request         map[string]any      `json:"request"`
	Response        map[string]any      `json:"response"`
	Fails           map[string]any      `json:"fails"`
	Keep            map[string]string   `json:"keep"`
	Conversation    *[]turn             `json:"conversation"` // Empty is not the same as absent.
	Output          any                 `json:"output"`
	DeadlineSeconds float64             `json:"deadlineSeconds"`
	Token           *string             `json:"token"`
	Tools           map[string][]answer `json:"tools"`
	Resumed         bool                `json:"resumed"`
}

// turn is one of a conversation.
type turn struct {
	Receive   map[string]any    `json:"receive"`
	Keep      map[string]string `json:"keep"`
	Send      map[string]any    `json:"send"`
	Meanwhile []step            `json:"meanwhile"`
	Leave     bool              `json:"leave"`
}

// answer is what a tool says to some arguments.
type answer struct {
	Arguments map[string]any `json:"arguments"`
	Value     any            `json:"value"`
	Error     string         `json:"error"`
}

func readScenarios(path string) ([]scenario, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var document struct {
		Scenarios any `yaml:"scenarios"`
	}
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	// By way of JSON, so that expectations have the types that answers have.
	var scenarios []scenario
	if err := convert(document.Scenarios, &scenarios); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return scenarios, nil
}

func convert(from, to any) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}
