// Command tlcp is a server of TLCP (GB/T 38636-2020, 0x0101 on the wire) for the tests of the prober.
//
// A real one, on github.com/tjfoc/gmsm, with SM2 certificates that it makes as it starts: nothing of
// it is on disk, and it protects nothing. It prints the address that it listens on, then serves until
// its standard input ends, so that it cannot outlive who started it.
package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	stdx509 "crypto/x509"
	"crypto/x509/pkix"
	"flag"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"time"

	"github.com/tjfoc/gmsm/gmtls"
	"github.com/tjfoc/gmsm/sm2"
	"github.com/tjfoc/gmsm/x509"
)

const lifetime = 90 * 24 * time.Hour

const (
	signing    = x509.KeyUsageDigitalSignature
	encryption = x509.KeyUsageKeyEncipherment | x509.KeyUsageDataEncipherment | x509.KeyUsageKeyAgreement
)

var (
	clientAuth = flag.String("client-auth", "none", "none, request or require")
	authority  = flag.String("authority", "sm2", "key of the certificates' authority: sm2 or rsa")
	pair       = flag.Bool("pair", true, "show a certificate for encryption, not the signing one twice")
	mixed      = flag.Bool("mixed", false, "take TLS as well, by the version of the hello")
)

// issuer signs certificates as one authority.
type issuer struct {
	certificate *x509.Certificate
	signer      crypto.Signer
	algorithm   x509.SignatureAlgorithm
}

func main() {
	log.SetFlags(0)
	flag.Parse()
	config, err := configure()
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	for {
		raw, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(gmtls.Server(raw, config))
	}
}

func serve(connection *gmtls.Conn) {
	defer connection.Close()
	if connection.Handshake() == nil {
		_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
	}
}

func configure() (*gmtls.Config, error) {
	by, err := newIssuer(*authority)
	if err != nil {
		return nil, err
	}
	sign, err := by.issue("tlcp signing", signing)
	if err != nil {
		return nil, err
	}
	encrypt := sign
	if *pair {
		if encrypt, err = by.issue("tlcp encryption", encryption); err != nil {
			return nil, err
		}
	}
	config := &gmtls.Config{GMSupport: gmtls.NewGMSupport(), Certificates: []gmtls.Certificate{*sign, *encrypt}}
	if *mixed {
		plain, err := tlsCertificate()
		if err != nil {
			return nil, err
		}
		if config, err = gmtls.NewBasicAutoSwitchConfig(sign, encrypt, plain); err != nil {
			return nil, err
		}
	}
	config.ClientAuth = map[string]gmtls.ClientAuthType{
		"none": gmtls.NoClientCert, "request": gmtls.RequestClientCert, "require": gmtls.RequireAnyClientCert,
	}[*clientAuth]
	config.CipherSuites = []uint16{
		gmtls.GMTLS_SM2_WITH_SM4_SM3, // ECC_SM4_CBC_SM3; the library's ECDHE is a panic
		gmtls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
	}
	return config, nil
}

func newIssuer(key string) (*issuer, error) {
	certificate := template("tlcp authority "+key, x509.KeyUsageCertSign)
	certificate.IsCA, certificate.BasicConstraintsValid = true, true
	if key == "rsa" {
		signer, err := rsa.GenerateKey(rand.Reader, 2048)
		return &issuer{certificate, signer, x509.SHA256WithRSA}, err
	}
	signer, err := sm2.GenerateKey(rand.Reader)
	return &issuer{certificate, signer, x509.SM2WithSM3}, err
}

func (by *issuer) issue(name string, usage x509.KeyUsage) (*gmtls.Certificate, error) {
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	made := template(name, usage)
	made.SignatureAlgorithm = by.algorithm
	made.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	der, err := x509.CreateCertificate(made, by.certificate, &key.PublicKey, by.signer)
	if err != nil {
		return nil, err
	}
	return &gmtls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

func template(name string, usage x509.KeyUsage) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(lifetime),
		KeyUsage:     usage,
	}
}

// tlsCertificate is what callers of TLS are shown: RSA, as on many boxes that speak both.
func tlsCertificate() (*gmtls.Certificate, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	made := &stdx509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()),
		Subject:      pkix.Name{CommonName: "tls"},
		NotBefore:    now.Add(-time.Hour),
		NotAfter:     now.Add(lifetime),
		IPAddresses:  []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := stdx509.CreateCertificate(rand.Reader, made, made, &key.PublicKey, key)
	return &gmtls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}
