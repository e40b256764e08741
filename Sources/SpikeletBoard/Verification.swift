import SpikeletRuntime

/// Compares the engine on this machine with golden vectors: every layer at every timestep.
struct Verification {
  let arguments: Arguments

  private var vectorsName: FileName { FileName(arguments.input.path, member: "integer.txt") }
  private var inputsName: FileName { FileName(arguments.input.path, member: "inputs.idx") }

  private struct Sizes {
    var timesteps: Int32
    var layers: Int
    var classes: Int
    var images: Int
  }

  /// Whether everything is as the vectors say. Prints PASS, or FAIL and the first divergence.
  func run() throws(BoardError) -> Bool {
    let file = try MappedFile(arguments.model)
    let text = try MappedFile(vectorsName)
    let model = try Model(file.bytes, name: arguments.model)
    var arena = try Memory(byteCount: arguments.arenaBytes(model))
    #if !SPIKELET_WITHOUT_THREADS
      let threads = try Threads(arguments.threads)
    #endif
    var reader = VectorReader(text.pixels, name: vectorsName)
    let sizes = try header(&reader, model)
    // A recording of events has a frame for each timestep.
    let isEvents = model.inputMode == .events
    var pictures = try PictureFile(inputsName, for: model, frames: isEvents ? sizes.timesteps : nil)
    let count = pictures.count ?? 0
    guard sizes.images == Int(truncatingIfNeeded: count) else {
      throw BoardError.unsuitable(
        inputsName, count: count, of: "pictures", needed: UInt32(sizes.images))
    }
    for image in 0..<UInt32(sizes.images) {
      guard try pictures.advance() else {
        throw BoardError.cut(inputsName, image: image, needed: model.inputCount, given: 0)
      }
      #if SPIKELET_WITHOUT_THREADS
        var engine = try Engine(model: model, arena: arena.mutableBytes, name: arguments.model)
      #else
        var engine = try Engine(
          model: model, arena: arena.mutableBytes, team: threads.team, name: arguments.model)
      #endif
      guard try compare(image, sizes, pictures.current, &engine, &reader) else { return false }
    }
    try reader.finish()
    Output.standard.put(arguments.input).put(": PASS: ").put(sizes.images).put(" pictures × ")
      .put(sizes.timesteps).put(" timesteps × ").put(sizes.layers).put(" layers\n")
    return true
  }

  private func header(
    _ reader: inout VectorReader, _ model: Model
  ) throws(BoardError) -> Sizes {
    guard reader.read("spikelet-vectors") else {
      throw reader.error("is not a file of golden vectors")
    }
    guard reader.number() == 1 else { throw reader.error("is not of format 1") }
    try reader.endLine()
    try reader.skipLine("model", words: 1)
    try reader.skipLine("inputs", words: 1)
    let timesteps = try reader.count(after: "timesteps")
    let layers = try reader.count(after: "layers")
    let classes = try reader.count(after: "classes")
    let images = try reader.count(after: "images")
    try reader.endLine()
    try check(layers, "layers", model.layerCount)
    try check(classes, "classes", model.classCount)
    for _ in 0..<layers { try reader.skipLine("layer", words: 4) }
    return Sizes(
      timesteps: Int32(truncatingIfNeeded: timesteps), layers: layers, classes: classes,
      images: images)
  }

  private func check(_ count: Int, _ what: StaticString, _ needed: Int) throws(BoardError) {
    guard count == needed else {
      throw BoardError.unsuitable(
        vectorsName, count: UInt32(truncatingIfNeeded: count), of: what,
        needed: UInt32(truncatingIfNeeded: needed))
    }
  }

  /// Runs one picture and compares it with its lines.
  private func compare(
    _ image: UInt32, _ sizes: Sizes, _ pixels: Span<UInt8>, _ engine: inout Engine,
    _ reader: inout VectorReader
  ) throws(BoardError) -> Bool {
    guard try reader.number(after: "image") == Int32(bitPattern: image) else {
      throw reader.error("needed the next image")
    }
    let prediction = try reader.number(after: "prediction")
    let exit = try reader.number(after: "exit")
    try reader.endLine()
    for timestep in 1...sizes.timesteps {
      guard try reader.number(after: "step") == timestep else {
        throw reader.error("needed the next timestep")
      }
      let frame = Self.frame(pixels, timestep, engine.model)
      try engine.beginTimestep(frame, image: image, name: arguments.model)
      for layer in 0..<sizes.layers {
        engine.runLayer(layer, input: frame)
        let expected = try reader.digest()
        let actual = engine.digest(layer: layer)
        if actual != expected {
          fail().put("first divergence: image ").put(image).put(", timestep ").put(timestep)
            .put(", layer ").put(layer).put(" (")
            .put(engine.model.layerName(layer)).put("): digest ")
            .put(digest: actual).put(", expected ").put(digest: expected).put("\n")
          return false
        }
      }
      try reader.endLine()
    }
    return try compareReadOut(&engine, image, sizes, pixels, &reader, class: prediction, at: exit)
  }

  /// What a timestep gets: a frame of a recording, or the picture.
  @_lifetime(copy pixels)
  private static func frame(
    _ pixels: Span<UInt8>, _ timestep: Int32, _ model: Model
  ) -> Span<UInt8> {
    guard model.inputMode == .events else { return pixels }
    let end = Int(timestep) &* model.inputCount
    return pixels.extracting((end &- model.inputCount)..<end)
  }

  /// Compares the scores after the last timestep, then runs the picture again with the model's own
  /// exit policy and compares class and timestep.
  private func compareReadOut(
    _ engine: inout Engine, _ image: UInt32, _ sizes: Sizes, _ pixels: Span<UInt8>,
    _ reader: inout VectorReader, class prediction: Int32, at exit: Int32
  ) throws(BoardError) -> Bool {
    guard reader.read("scores") else { throw reader.error("needed \"scores\"") }
    for index in 0..<sizes.classes {
      guard let expected = reader.number() else {
        throw reader.error("needed a score for each class")
      }
      let actual = Int32(truncatingIfNeeded: engine.score(index))
      guard actual == expected else {
        fail().put("image ").put(image).put(": score ").put(actual).put(" of class ").put(index)
          .put(", expected ").put(expected).put("\n")
        return false
      }
    }
    try reader.endLine()
    let result = try engine.run(
      pixels, image: image, timesteps: Int(sizes.timesteps), exit: nil, name: arguments.model)
    guard result.prediction == Int(prediction), result.timesteps == Int(exit) else {
      fail().put("image ").put(image).put(": class ").put(result.prediction)
        .put(" at timestep ").put(result.timesteps).put(", expected class ").put(prediction)
        .put(" at timestep ").put(exit).put("\n")
      return false
    }
    return true
  }

  private func fail() -> Output {
    Output.standard.put(arguments.input).put(": FAIL\n")
  }
}
