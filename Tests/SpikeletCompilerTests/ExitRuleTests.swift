import SpikeletCompiler
import SpikeletRuntime
import SpikeletTestSupport
import Testing

/// The text form of exit rules.
@Suite struct ExitRuleTests {
  @Test(arguments: [
    ("none", ExitRule.none),
    ("margin:6", ExitRule(.margin(6))),
    ("count:8@3", ExitRule(.count(8), minimumTimestep: 3)),
    ("stable:4", ExitRule(.stable(timesteps: 4, margin: 0))),
    ("stable:4:12@2", ExitRule(.stable(timesteps: 4, margin: 12), minimumTimestep: 2)),
    ("margin-per-step:90,-,40", ExitRule(.marginPerStep([90, nil, 40]))),
    ("margin-per-step:-@2", ExitRule(.marginPerStep([nil]), minimumTimestep: 2)),
    // Whether a number means anything is for the model to say.
    ("margin:-1", ExitRule(.margin(-1))),
  ])
  func aRuleReadsAsItIsWritten(_ text: String, _ rule: ExitRule) {
    #expect(ExitRule(text) == rule)
    #expect("\(rule)" == text)
  }

  @Test(arguments: [
    "", "margin", "margin:", "margin:x", "margin:1:2", "margin:1,2", "none:1", "none@2x", "count",
    "stable", "stable:1:2:3", "stable:-", "margin-per-step", "margin-per-step:", "margin:1@",
    "margin-per-step:1,,2", "margin-per-step:1:2", "margin:1@2@3", "Margin:1", "margin:99999999999",
  ])
  func otherTextIsNoRule(_ text: String) {
    #expect(ExitRule(text) == nil)
  }

  @Test func theLastEntryGoesOnBehindTheTable() {
    let rule = ExitRule(.marginPerStep([9, 7, 5]))
    #expect((1...5).map { rule.demand(at: $0) } == [9, 7, 5, 5, 5])
    #expect(ExitRule.none.demand(at: 1) == ExitPolicy.never)
  }
}
