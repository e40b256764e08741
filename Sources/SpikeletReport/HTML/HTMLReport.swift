import SpikeletClassifier
import SpikeletCompiler
import SpikeletEvaluation
import SpikeletSupport

/// A model on one page: what it is, how it runs, what it costs and how often it is right.
///
/// The page is one file that asks no other machine for anything and needs no script. Equal inputs give
/// equal bytes: there is no time of day in it and no time that a run took.
package struct HTMLReport: Sendable {
  /// Why parts of the report are missing, and what brings them.
  package struct Missing: Sendable {
    package var reason: String
    package var command: String

    package init(reason: String, command: String) {
      (self.reason, self.command) = (reason, command)
    }
  }

  let file: ModelFile
  let plan: ModelPlan
  let facts: [LayerFacts]
  /// What the compiler said; nil for a model that was built before.
  let build: BuildReport?
  let boards: [Board]
  /// What a picture costs on the boards' machines, one for each.
  let costs: [KernelExplanation]
  let golden: GoldenState?
  let evidence: ModelEvidence?
  let missing: Missing?
  let version: String

  /// - Parameters:
  ///   - build: the build that gave the model, where it was built just now.
  ///   - boards: those that it may run on.
  ///   - costs: estimates for the machines of the boards, one for each.
  ///   - golden: nil where no vectors were found.
  ///   - evidence: what a data set showed; nil without one.
  ///   - missing: why there is no evidence.
  ///   - version: of the tool.
  package init(
    _ file: ModelFile, build: BuildReport?, boards: [Board],
    costs: [KernelExplanation] = [], golden: GoldenState?, evidence: ModelEvidence?,
    missing: Missing?, version: String
  ) {
    self.file = file
    plan = ModelPlan(file)
    facts = LayerFacts.all(file)
    self.build = build
    self.boards = boards
    self.costs = costs
    self.golden = golden
    self.evidence = evidence
    self.missing = missing
    self.version = version
  }

  var summary: ModelSummary { plan.summary }

  /// A part of the page with a heading that the contents lead to.
  struct Section {
    var name: String
    var title: String
    var html: String
  }

  var sections: [Section] {
    [
      Section(name: "overview", title: "Overview", html: overview),
      Section(name: "drawing", title: "Network", html: network),
      Section(name: "layers", title: "Layers", html: layers),
      Section(name: "kernels", title: "Kernels", html: kernels),
      Section(name: "memory", title: "Arena", html: arena),
    ] + dataSections + [
      Section(name: "boards", title: "Boards", html: boardsHTML),
      Section(name: "golden", title: "Golden vectors", html: goldenHTML),
      Section(name: "provenance", title: "Provenance", html: provenance),
    ]
  }

  /// The file.
  package var text: String {
    let sections = sections
    let title = Markup.escaped("\(shortName), a spiking network")
    let links = sections.map { "<li><a href=\"#\($0.name)\">\(Markup.escaped($0.title))</a></li>" }
    let parts = sections.map {
      """
      <section id="\($0.name)" aria-labelledby="\($0.name)-heading">
      <h2 id="\($0.name)-heading">\(Markup.escaped($0.title))</h2>
      \($0.html)
      </section>
      """
    }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <meta name="color-scheme" content="light dark" />
      <meta name="generator" content="spikelet \(Markup.escaped(version))" />
      <title>\(title)</title>
      <style>
      \(Self.style)
      </style>
      </head>
      <body>
      <a class="skip" href="#overview">Skip to the report</a>
      <header>
      <h1>\(Markup.escaped(shortName))</h1>
      <p class="lead">\(lead)</p>
      <nav aria-label="Parts of the report"><ul>\(links.joined())</ul></nav>
      </header>
      <main>
      \(parts.joined(separator: "\n"))
      </main>
      <footer><p>Made by spikelet \(Markup.escaped(version)).</p></footer>
      </body>
      </html>

      """
  }

  /// The model's name without the folders that it lies in.
  private var shortName: String {
    file.name.split(separator: "/").last.map { String($0).printableName } ?? "model"
  }

  private var lead: String {
    let neurons = summary.layers.reduce(0) { $0 + $1.neurons }
    let weights = summary.layers.reduce(0) { $0 + $1.weights }
    return Markup.escaped(
      """
      A spiking network of \(summary.layers.count) layers, \(neurons.grouped) neurons and \
      \(weights.grouped) weights, in whole numbers.
      """)
  }

  private var overview: String {
    func card(_ title: String, _ html: String) -> String {
      "<div class=\"card\"><dt>\(Markup.escaped(title))</dt><dd>\(html)</dd></div>"
    }
    var cards = [
      card("Model file", Markup.figure("modelBytes", summary.modelBytes) + " bytes"),
      card("Arena", Markup.figure("arenaBytes", summary.arenaBytes) + " bytes"),
      card("Input", Markup.escaped(summary.input)),
      card(
        "Timesteps",
        Markup.figure("timesteps", summary.timesteps) + ", at most "
          + Markup.figure("maximumTimesteps", summary.maximumTimesteps)),
      card("Read-out", Markup.escaped(summary.readOut)),
      card("Exit", Markup.escaped(summary.exit.clipped(60))),
      card(
        "Float network",
        Markup.figure("denseOperationsPerImage", summary.operations.dense)
          + " multiply–accumulates"),
    ]
    if let evidence {
      let result = evidence.result
      cards.insert(
        card(
          "Accuracy",
          Markup.figure("accuracy", result.accuracy, percent(result.accuracy)) + " on "
            + Markup.escaped("\(result.dataset.name) \(result.dataset.split.rawValue)")), at: 0)
    }
    var html = "<dl class=\"cards\">\n\(cards.joined(separator: "\n"))\n</dl>"
    if let missing { html += "\n" + missingHTML(missing) }
    return html
  }

  private func missingHTML(_ missing: Missing) -> String {
    """
    <div class="note" role="note">
    <p><strong>Without pictures.</strong> \(Markup.escaped(missing.reason)) So these parts are \
    missing: accuracy over timesteps and exits, firing rates, one picture's spikes and potentials, \
    and the pictures that it gets wrong. They come with</p>
    <pre tabindex="0"><code>\(Markup.escaped(missing.command))</code></pre>
    </div>
    """
  }

  /// A share, 0…1, in words.
  func percent(_ share: Double) -> String { "\((share * 100).fixed(2)) %" }
}
