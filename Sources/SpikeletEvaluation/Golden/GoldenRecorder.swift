import Foundation
import SpikeletClassifier
import SpikeletCompiler
import SpikeletDatasets
import SpikeletRuntime
import SpikeletSupport

/// Makes the integer vectors of a build, and the folder around them.
package struct GoldenRecorder {
  package let build: Compiler.Build
  package let model: ModelFile
  package let folder: URL

  package init(build: Compiler.Build, folder: URL) throws {
    self.build = build
    model = try ModelFile(bytes: build.bytes, name: build.configuration.name)
    self.folder = folder
  }

  /// Computes the vectors with the engine.
  package func vectors(
    pictures: [[UInt8]], inputsDigest: String, timesteps: Int
  ) throws -> IntegerVectors {
    let device = EngineDevice(model)
    let layers = (0..<Int(model.header.layerCount)).map { index in
      let record = model.withModel { $0.layer(index) }
      let neurons = Int(record.channels) * Int(record.height) * Int(record.width)
      return IntegerVectors.Layer(
        name: model.layerName(index).split(whereSeparator: \.isWhitespace).joined(separator: "_"),
        potentials: model.withModel { $0.keepsPotentials(layer: index) } ? neurons : 0,
        spikes: record.spikeBuffer == ModelFormat.none
          ? 0 : Int(record.spikeChannels) * Int(record.height) * Int(record.width))
    }
    var images: [IntegerVectors.Image] = []
    for (index, picture) in pictures.enumerated() {
      device.begin(picture, image: UInt32(index))
      var digests: [[UInt64]] = []
      for _ in 0..<timesteps { digests.append(try device.step().map(\.digest)) }
      let result = try run(picture, image: UInt32(index), timesteps: timesteps)
      images.append(
        IntegerVectors.Image(
          prediction: Int(result.prediction), exit: Int(result.timesteps), digests: digests,
          scores: device.scores()))
    }
    return IntegerVectors(
      modelDigest: SHA256.hexDigest(of: model.bytes), inputsDigest: inputsDigest,
      timesteps: timesteps, layers: layers, images: images)
  }

  private func run(
    _ picture: [UInt8], image: UInt32, timesteps: Int
  ) throws(SpikeletError) -> Decision {
    let arena = Arena(byteCount: Int(model.header.arenaBytes))
    let file = model.bytes
    return try arena.withBytes { bytes throws(SpikeletError) -> Decision in
      let opened = try Model(file.span.bytes)
      var engine = try Engine(model: opened, arena: bytes)
      return try engine.run(input: picture.span, stream: Int(image), timesteps: timesteps)
    }
  }

  /// Writes inputs, integer vectors and manifest; returns what changed, in words.
  ///
  /// Float vectors that lie in the folder are listed with their digests, tolerances are kept.
  package func record(
    configurationPath: String, pictures: Dataset, timesteps: Int
  ) throws -> [String] {
    let output = try OutputFolder(folder.path)
    let before = try? GoldenManifest(folder: folder)
    let inputs = try IDXWriter.images(pictures)
    let inputsDigest = SHA256.hexDigest(of: inputs)
    let list = try (0..<pictures.count).map { Array(try pictures.image($0)) }
    let vectors = try vectors(pictures: list, inputsDigest: inputsDigest, timesteps: timesteps)
    var contents = [
      GoldenFolder.inputs: inputs, GoldenFolder.integers: Array(vectors.text.utf8),
    ]
    let floats = folder.appending(path: GoldenFolder.floatFolder)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: floats.path)) ?? [] {
      contents["\(GoldenFolder.floatFolder)/\(name)"] = try InputFile.read(
        floats.appending(path: name).path, limit: GoldenManifest.maximumFileSize)
    }
    let files = contents.mapValues { SHA256.hexDigest(of: $0) }
    let changes = self.changes(before, files: files, modelDigest: vectors.modelDigest, vectors)
    let manifest = GoldenManifest(
      configuration: configurationPath, modelDigest: vectors.modelDigest, timesteps: timesteps,
      files: files, tolerances: before?.tolerances ?? tolerances(timesteps: timesteps))
    contents[GoldenFolder.manifest] = Array(manifest.json.text.utf8)
    try output.write(contents)
    return changes
  }

  /// What to allow where nothing is known yet.
  private func tolerances(timesteps: Int) -> GoldenManifest.Tolerances {
    if build.configuration.input.mode == .events { return .events }
    guard !build.source.thresholdNodes.isEmpty else { return .init() }
    return timesteps == 1 || build.configuration.input.looksAtMirror ? .exact : .trained
  }

  private func changes(
    _ before: GoldenManifest?, files: [String: String], modelDigest: String,
    _ vectors: IntegerVectors
  ) -> [String] {
    guard let before else { return ["new: \(files.count) files"] }
    var changes: [String] = []
    if before.modelDigest != modelDigest {
      changes.append("model \(before.modelDigest.prefix(12))… → \(modelDigest.prefix(12))…")
    }
    for file in Set(files.keys).union(before.files.keys).sorted() {
      switch (before.files[file], files[file]) {
      case (nil, _?): changes.append("\(file): new")
      case (_?, nil): changes.append("\(file): gone")
      case (let old?, let new?) where old != new: changes.append("\(file): changed")
      default: break
      }
    }
    let old = try? IntegerVectors(
      text: String(
        decoding: before.read(GoldenFolder.integers, folder: folder), as: UTF8.self),
      file: GoldenFolder.integers)
    if let old, old.images.count == vectors.images.count {
      for (index, pair) in zip(old.images, vectors.images).enumerated()
      where pair.0.prediction != pair.1.prediction {
        changes.append("image \(index): class \(pair.0.prediction) → \(pair.1.prediction)")
      }
    }
    return changes
  }
}
