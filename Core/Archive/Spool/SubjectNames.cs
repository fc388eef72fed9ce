using System.Formats.Asn1;

namespace AMA.Archive.Spool;

/// <summary>Reads the URIs of a subjectAltName extension (RFC 5280 §4.2.1.6), which .NET doesn't offer.</summary>
internal static class SubjectNames
{
    private static readonly Asn1Tag UriTag = new(TagClass.ContextSpecific, 6);

    public static List<string> Uris(ReadOnlyMemory<byte> extension)
    {
        try
        {
            var uris = new List<string>();
            var names = new AsnReader(extension, AsnEncodingRules.DER).ReadSequence();
            while (names.HasData)
            {
                if (names.PeekTag() == UriTag) uris.Add(names.ReadCharacterString(UniversalTagNumber.IA5String, UriTag));
                else names.ReadEncodedValue();
            }
            return uris;
        }
        catch (AsnContentException fault)
        {
            throw new SegmentException(SegmentFault.Certificate, "the certificate's names are malformed", fault);
        }
    }
}
