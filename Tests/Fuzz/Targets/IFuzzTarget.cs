namespace AMA.Tests.Fuzz.Targets;

/// <summary>Something that is given any octets and must keep its rules.</summary>
internal interface IFuzzTarget
{
    string Name { get; }

    /// <summary>Inputs to begin with.</summary>
    IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Words of its language, to be put into inputs.</summary>
    IReadOnlyList<byte[]> Words { get; }

    /// <summary>Throws <see cref="Finding"/> when a rule is broken; any other exception is a finding, too.</summary>
    void Run(byte[] input);
}
