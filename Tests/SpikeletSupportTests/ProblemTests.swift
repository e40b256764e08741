import SpikeletSupport
import Testing

/// What a problem and a list of them read like.
@Suite struct ProblemTests {
  @Test func placeOperationReasonAdvice() {
    #expect(Problem("timesteps", "is 0").description == "timesteps: is 0")
    #expect(
      Problem("timesteps", "is 0", advice: "use 1").description == "timesteps: is 0; use 1")
    #expect(
      Problem(node: "/fc/Gemm", operation: "Gemm", reason: "has no bias").description
        == "'/fc/Gemm' (Gemm): has no bias")
    #expect(Problem(operation: "Gemm", reason: "has no bias").description == "Gemm: has no bias")
    #expect(Problem(reason: "the file is empty").description == "the file is empty")
  }

  @Test(arguments: [
    "\u{1B}[2J", "\u{0}", "\n", "\u{7F}", "\u{9B}2J", "\u{85}", "\u{202E}", "\u{2066}",
    "\u{200F}", "\u{061C}", "\u{2028}",
  ])
  func nothingSteersATerminal(_ text: String) {
    let first = text.unicodeScalars.first!
    for problem in [
      Problem(text, "is bad"), Problem("a", text), Problem("a", "is bad", advice: text),
      Problem(node: text, operation: text, reason: text, advice: text),
    ] {
      #expect(!problem.description.unicodeScalars.contains(first))
      #expect(problem.description.contains("\\u{"))
    }
    #expect(!Diagnostics(text, []).subject.printable.unicodeScalars.contains(first))
  }

  @Test func otherTextStaysAsItIs() {
    let text = "größe/λ ± 3 × 4 日本語 👍🏽 …"
    #expect(text.printable == text)
  }

  @Test func severalProblemsAreCounted() {
    let one = Diagnostics("net cannot be converted", [Problem("a", "b")])
    #expect(one.description == "net cannot be converted\n  a: b")
    let two = Diagnostics("net cannot be converted", [Problem("a", "b"), Problem("c", "d")])
    #expect(two.description == "net cannot be converted (2 problems)\n  a: b\n  c: d")
  }
}
