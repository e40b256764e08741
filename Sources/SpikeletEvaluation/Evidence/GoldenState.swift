import Foundation
import SpikeletClassifier
import SpikeletDeployment
import SpikeletSupport

/// Whether a model computes what its golden vectors say.
package struct GoldenState: Sendable, Equatable {
  package enum Verdict: Sendable, Equatable {
    /// Every digest, score and exit is that of the vectors.
    case exact
    /// Where the engine differs first, in words.
    case differs(String)
    /// The vectors were made from another model; its digest.
    case otherModel(String)
  }

  /// The comparison with another framework's simulation.
  package enum Floats: Sendable, Equatable {
    /// The folder has none.
    case none
    /// They can be compared only with what the configuration of the vectors builds.
    case needsConfiguration
    case within
    /// The limits that were passed, in words.
    case outside([String])
  }

  /// The folder, as it was given or found.
  package var folder: String
  package var verdict: Verdict
  package var images: Int
  package var timesteps: Int
  package var layers: Int
  package var digests: Int
  package var floats: Floats

  /// A state that is known.
  package init(
    folder: String, verdict: Verdict, images: Int, timesteps: Int, layers: Int, digests: Int,
    floats: Floats
  ) {
    (self.folder, self.verdict, self.images) = (folder, verdict, images)
    (self.timesteps, self.layers, self.digests) = (timesteps, layers, digests)
    self.floats = floats
  }
}

extension GoldenState {
  /// Runs the vectors of a folder on the engine.
  ///
  /// - Throws: `GoldenError` where the folder holds no vectors or damaged ones.
  package init(_ folder: URL, model: ModelFile) throws {
    let golden = try GoldenFolder(folder)
    self.init(
      folder: folder.relativePath, verdict: .exact, images: 0,
      timesteps: golden.manifest.timesteps, layers: Int(model.header.layerCount), digests: 0,
      floats: .none)
    guard SHA256.hexDigest(of: model.bytes) == golden.manifest.modelDigest else {
      verdict = .otherModel(golden.manifest.modelDigest)
      return
    }
    let integers = try golden.vectors(model: model)
    let pictures = try golden.pictures()
    guard pictures.count == integers.images.count else {
      throw GoldenError.unsuitable(
        file: folder.appending(path: GoldenFolder.inputs).path,
        reason: "has \(pictures.count) pictures, the vectors \(integers.images.count)")
    }
    let verification = Verification(vectors: integers, model: model, pictures: pictures)
    var device = EngineDevice(model)
    let outcome = try verification.compare(&device)
    (images, digests) = (outcome.images, outcome.digests)
    let exits = outcome.isExact ? try verification.compareExits() : nil
    if let problem = outcome.divergence?.description ?? outcome.readOutProblem ?? exits {
      verdict = .differs(problem)
      return
    }
    floats = try Self.floats(golden, model, integers, pictures)
  }

  private static func floats(
    _ golden: GoldenFolder, _ model: ModelFile, _ integers: IntegerVectors, _ pictures: [[UInt8]]
  ) throws -> Floats {
    guard let vectors = try golden.floatVectors() else { return .none }
    // What the potentials are worth stands in the build, not in the file.
    guard let build = try? Deployment(contentsOf: golden.configurationURL).build(),
      build.bytes == model.bytes, case .neurons(let output)? = build.integer.layers.last?.kind
    else { return .needsConfiguration }
    var device = EngineDevice(model)
    let comparison = try FloatComparison(
      vectors, device: &device, layerNames: integers.layers.map(\.name),
      oneHotThresholds: build.integer.layers.map(\.oneHotThresholds), pictures: pictures,
      timesteps: integers.timesteps, outputScale: output.weightScales[0],
      outputLambda: output.lambda.first ?? 1)
    let failures = comparison.failures(golden.manifest.tolerances)
    return failures.isEmpty ? .within : .outside(failures)
  }

  /// The vectors of a model: in `golden-vectors` of the working directory or above a place, those that
  /// were made from it, or else those with its name.
  ///
  /// - Parameters:
  ///   - name: what the model is called, for vectors that it has outgrown.
  ///   - place: a file or folder to begin at.
  package static func find(_ model: ModelFile, named name: String, near place: URL) -> URL? {
    let digest = SHA256.hexDigest(of: model.bytes)
    var roots = [URL(filePath: ".").absoluteURL.standardizedFileURL]
    var above = place.absoluteURL.standardizedFileURL
    while above.pathComponents.count > 1 {
      above.deleteLastPathComponent()
      roots.append(above)
    }
    var namesake: URL?
    for root in roots {
      let all = root.appending(path: "golden-vectors")
      let names = (try? FileManager.default.contentsOfDirectory(atPath: all.path)) ?? []
      for folder in names.sorted().map({ all.appending(path: $0) }) {
        guard let manifest = try? GoldenManifest(folder: folder) else { continue }
        if manifest.modelDigest == digest { return folder }
        if folder.lastPathComponent == name, namesake == nil { namesake = folder }
      }
    }
    return namesake
  }
}
