/// The integer golden vectors of one model: what every implementation must compute, exactly.
///
/// The text form is line by line, so that a few lines of C read it (docs/verification.md):
///
///     spikelet-vectors 1
///     model <SHA-256 of the model file>
///     inputs <SHA-256 of the input file>
///     timesteps <T> layers <L> classes <C> images <N>
///     layer <index> <potentials> <spikes> <name>           (numbers of neurons; 0 where it has none)
///     image <index> prediction <class> exit <timestep>
///     step <t> <digest of layer 0> <digest of layer 1> …   (16 hexadecimal digits each)
///     scores <score of class 0> …                          (after T timesteps)
package struct IntegerVectors: Sendable, Equatable {
  package struct Layer: Sendable, Equatable {
    package var name: String
    package var potentials: Int
    package var spikes: Int
  }

  package struct Image: Sendable, Equatable {
    package var prediction: Int
    /// The timestep at which the model's own exit policy ends the inference.
    package var exit: Int
    /// `[timestep − 1][layer]`
    package var digests: [[UInt64]]
    package var scores: [Int]
  }

  package var modelDigest: String
  package var inputsDigest: String
  package var timesteps: Int
  package var layers: [Layer]
  package var images: [Image]
}

extension IntegerVectors {
  package var text: String {
    var lines = ["spikelet-vectors 1", "model \(modelDigest)", "inputs \(inputsDigest)"]
    let classes = images.first?.scores.count ?? 0
    lines.append(
      "timesteps \(timesteps) layers \(layers.count) classes \(classes) images \(images.count)")
    for (index, layer) in layers.enumerated() {
      lines.append("layer \(index) \(layer.potentials) \(layer.spikes) \(layer.name)")
    }
    for (index, image) in images.enumerated() {
      lines.append("image \(index) prediction \(image.prediction) exit \(image.exit)")
      for (t, digests) in image.digests.enumerated() {
        lines.append("step \(t + 1) " + digests.map(\.hexDigits).joined(separator: " "))
      }
      lines.append("scores " + image.scores.map(String.init).joined(separator: " "))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Reads the text form.
  ///
  /// - Parameter file: names it in messages.
  package init(text: String, file: String) throws(GoldenError) {
    var reader = LineReader(text: text, file: file)
    guard try reader.words("spikelet-vectors", count: 1) == ["1"] else {
      throw reader.error("is not of format 1")
    }
    modelDigest = try reader.words("model", count: 1)[0]
    inputsDigest = try reader.words("inputs", count: 1)[0]
    let sizes = try reader.pairs(["timesteps", "layers", "classes", "images"])
    guard sizes.allSatisfy({ (1...100_000).contains($0) }) else {
      throw reader.error("has sizes out of range")
    }
    timesteps = sizes[0]
    layers = []
    for index in 0..<sizes[1] {
      let words = try reader.words("layer", count: 4)
      guard Int(words[0]) == index, let potentials = Int(words[1]), let spikes = Int(words[2])
      else { throw reader.error("needed layer \(index)") }
      layers.append(Layer(name: words[3], potentials: potentials, spikes: spikes))
    }
    images = []
    for index in 0..<sizes[3] {
      let header = try reader.pairs(["image", "prediction", "exit"])
      guard header[0] == index else { throw reader.error("needed image \(index)") }
      var digests: [[UInt64]] = []
      for t in 1...timesteps {
        let words = try reader.words("step", count: 1 + sizes[1])
        let values = words.dropFirst().compactMap { UInt64($0, radix: 16) }
        guard Int(words[0]) == t, values.count == sizes[1] else {
          throw reader.error("needed step \(t) with \(sizes[1]) digests")
        }
        digests.append(values)
      }
      let scores = try reader.words("scores", count: sizes[2]).compactMap { Int($0) }
      guard scores.count == sizes[2] else { throw reader.error("needed \(sizes[2]) scores") }
      images.append(
        Image(prediction: header[1], exit: header[2], digests: digests, scores: scores))
    }
    try reader.finish()
  }
}

/// Reads keyword lines, with the line number for messages.
private struct LineReader {
  private let lines: [Substring]
  private let file: String
  private var next = 0

  init(text: String, file: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    self.file = file
  }

  func error(_ reason: String) -> GoldenError { .damaged(file: file, line: next, reason: reason) }

  /// The words after a keyword.
  mutating func words(_ keyword: String, count: Int) throws(GoldenError) -> [String] {
    next += 1
    guard next <= lines.count else { throw error("ends early: needed a line \"\(keyword) …\"") }
    let words = lines[next - 1].split(separator: " ").map(String.init)
    guard words.first == keyword, words.count == count + 1 else {
      throw error("needed \"\(keyword)\" and \(count) values")
    }
    return Array(words.dropFirst())
  }

  /// The numbers after a line of keywords, each with one number.
  mutating func pairs(_ keywords: [String]) throws(GoldenError) -> [Int] {
    let words = try words(keywords[0], count: keywords.count * 2 - 1)
    let all = [keywords[0]] + words
    var numbers: [Int] = []
    for (i, keyword) in keywords.enumerated() {
      guard all[i * 2] == keyword, let number = Int(all[i * 2 + 1]) else {
        throw error("needed \"\(keyword)\" and a number")
      }
      numbers.append(number)
    }
    return numbers
  }

  func finish() throws(GoldenError) {
    guard next == lines.count - 1, lines[next].isEmpty else {
      throw error("goes on after the last image")
    }
  }
}
