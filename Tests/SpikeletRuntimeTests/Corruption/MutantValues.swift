import SpikeletReference
import SpikeletRuntime

/// What a model computes, in a form in which engine and interpreter can be compared: after every
/// timestep of every picture the digests of all layers, the prediction and the scores.
enum MutantValues {
  /// By the engine.
  static func engine(
    _ engine: inout Engine, _ pictures: [[UInt8]], timesteps: Int
  ) throws(SpikeletError) -> [UInt64] {
    var values: [UInt64] = []
    for (index, picture) in pictures.enumerated() {
      engine.begin()
      for _ in 0..<timesteps {
        try engine.beginTimestep(input: picture.span, stream: index)
        for layer in 0..<engine.model.layerCount {
          engine.runLayer(layer, input: picture.span)
          let digest = engine.digest(layer: layer)
          values.append(UInt64(digest.high) << 32 | UInt64(digest.low))
        }
        values.append(UInt64(engine.prediction))
        for index in 0..<engine.model.classCount {
          values.append(UInt64(UInt32(truncatingIfNeeded: engine.score(index))))
        }
      }
      let operations = engine.synapticOperations
      values.append(UInt64(operations.high) << 32 | UInt64(operations.low))
    }
    return values
  }

  /// The same by the interpreter.
  static func interpreter(
    _ file: [UInt8], _ pictures: [[UInt8]], timesteps: Int
  ) -> [UInt64] {
    var interpreter = IntegerInterpreter(ReferenceModel(file))
    var values: [UInt64] = []
    for (index, picture) in pictures.enumerated() {
      interpreter.begin()
      for _ in 0..<timesteps {
        interpreter.step(picture, image: UInt32(index))
        values += interpreter.model.layers.indices.map { interpreter.digest(layer: $0) }
        values.append(UInt64(interpreter.prediction))
        values += interpreter.scores.map { UInt64(UInt32(truncatingIfNeeded: $0)) }
      }
      values.append(UInt64(interpreter.synapticOperations))
    }
    return values
  }

  /// How often the plain interpreter adds in a timestep: every neuron visits all its inputs, and
  /// every pool window all its sites. A changed word can ask for any number of additions, which is
  /// slow but no mistake.
  static func additionsOfATimestep(_ model: Model) -> Double {
    var sum = 0.0
    for index in 0..<model.layerCount {
      let layer = model.layer(index)
      let sites = Double(layer.height) * Double(layer.width)
      for c in 0..<Int(layer.connectionCount) {
        let connection = model.connection(Int(layer.firstConnection) + c)
        let channels = Double(model.map(Int(connection.source)).channels)
        let pooled = channels * Double(connection.pooledHeight) * Double(connection.pooledWidth)
        let window = Double(connection.poolHeight) * Double(connection.poolWidth)
        let kernel = Double(connection.window.height) * Double(connection.window.width)
        sum += 2 * pooled * window
        switch ConnectionKind(rawValue: connection.kind) {
        case .convolution:
          let inputs = channels / Double(connection.window.groups)
          sum += 2 * Double(layer.channels) * sites * inputs * kernel
        case .dense: sum += 2 * Double(layer.channels) * pooled
        case .channelwise, .maxPool, .potentials, nil: sum += 2 * Double(layer.channels) * sites
        }
      }
    }
    return sum
  }
}
